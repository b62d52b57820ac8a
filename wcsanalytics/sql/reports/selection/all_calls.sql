-- What became of each call leg, and with which browser?
select t.*, s.browser, s.os
from calls t
left join sessions s on s.session_key = t.session_key
