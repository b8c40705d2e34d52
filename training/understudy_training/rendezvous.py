"""Where the processes of one training meet: a file that launch.py names in their environment."""

RENDEZVOUS = "UNDERSTUDY_RENDEZVOUS"
