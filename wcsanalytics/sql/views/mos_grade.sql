-- macro mos_grade(mos)
-- How satisfied are listeners with a narrowband MOS, by G.109, on its two decimals, half up?
case
    when mos is null then null
    when floor(mos * 100::double + 0.500000001::double) / 100 >= 4.34 then 'very satisfied'
    when floor(mos * 100::double + 0.500000001::double) / 100 >= 4.02 then 'satisfied'
    when floor(mos * 100::double + 0.500000001::double) / 100 >= 3.60 then 'some dissatisfied'
    when floor(mos * 100::double + 0.500000001::double) / 100 >= 3.10 then 'many dissatisfied'
    when floor(mos * 100::double + 0.500000001::double) / 100 >= 2.58 then 'nearly all dissatisfied'
    else 'not recommended'
end
