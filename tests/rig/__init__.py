"""The rig: the real daemon on a real Linux kernel, in a guest under QEMU. See README.md."""
