-- macro tells_publishing(hook, published, media_type)
-- Does a hook say that its stream is a publish?
hook in ('publishStream', 'unPublishStream') or published or media_type = 'publish'
