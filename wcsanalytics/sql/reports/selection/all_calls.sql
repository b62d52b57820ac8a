-- What became of each call leg, and with which browser?
select t.*, s.browser, s.os
from main.calls t
left join session_agents s on s.session_key = t.session_key
