-- What tells each sample on a stream of RTP, and what was it in the sample before?
from steps_in('rtp_samples')
