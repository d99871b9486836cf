"""Draw on the OLED with luma and print luma's own frame, packed as PIL packs mode 1."""

import sys

from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306
from PIL import Image, ImageDraw

device = ssd1306(i2c(port=1, address=0x3C))
device.persist = True
image = Image.new("1", (128, 64))
draw = ImageDraw.Draw(image)
draw.text((3, 5), sys.argv[1], fill=1)
draw.rectangle((60, 20, 127, 63), outline=1)
device.display(image)
device.contrast(0x30)
sys.stdout.buffer.write(image.tobytes())
