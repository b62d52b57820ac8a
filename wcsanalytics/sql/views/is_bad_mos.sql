-- macro is_bad_mos(mos)
-- Are many listeners dissatisfied by G.109, on two decimals: is it below 3.60?
mos_grade(mos) not in ('very satisfied', 'satisfied', 'some dissatisfied')
