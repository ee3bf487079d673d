"""Nền Nếp: the running application; its parts are below, the kernel first."""
