"""What holds for every test: how fast a machine is decides nothing."""

from hypothesis import HealthCheck, settings

# A fresh machine compiles while the first example is drawn, and a build machine does other things besides.
settings.register_profile("station", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("station")
