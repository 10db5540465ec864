"""The Rayleigh distribution function, whose inverse log-determinant TFP 0.25 computes in 32 bits only."""

from __future__ import annotations

from ..backend import tfb


class RayleighCDF(tfb.RayleighCDF):
    """TFP's class, with the log-determinant of the inverse in any type."""

    def _inverse_log_det_jacobian(self, y):
        return -self._forward_log_det_jacobian(self._inverse(y))
