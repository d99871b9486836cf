"""Rewrite one page of columns 8..15 of the OLED, and invert it, by bare writes on the bus."""

from smbus2 import SMBus, i2c_msg

with SMBus(1) as bus:
    bus.write_i2c_block_data(0x3C, 0x00, [0x20, 0x00, 0x21, 8, 15, 0x22, 2, 2])
    bus.i2c_rdwr(i2c_msg.write(0x3C, bytes([0x40, *range(1, 9)])))
    bus.write_i2c_block_data(0x3C, 0x00, [0xA7])
