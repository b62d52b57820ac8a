-- What became of each publish and play, and with which browser?
select t.*, s.browser, s.os
from main.streams t
left join session_agents s on s.session_key = t.session_key
