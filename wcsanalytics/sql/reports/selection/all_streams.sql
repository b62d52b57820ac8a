-- What became of each publish and play, and with which browser?
select t.*, s.browser, s.os
from streams t
left join sessions s on s.session_key = t.session_key
