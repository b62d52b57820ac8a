-- macro part(dimension, node, app, browser, os, role, direction, codec, transport, provider, began_at)
-- To which part does it belong, by the dimension asked for? Null where none is, or where it isn't told.
case dimension
    when 'node' then node
    when 'app' then app
    when 'browser' then browser
    when 'os' then os
    when 'role' then role
    when 'direction' then direction
    when 'codec' then codec
    when 'transport' then transport
    when 'provider' then provider
    when 'hour' then strftime(date_trunc('hour', began_at), '%Y-%m-%dT%H:00Z')
    when 'day' then strftime(date_trunc('day', began_at), '%Y-%m-%d')
end
