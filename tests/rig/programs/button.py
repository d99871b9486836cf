"""Light an LED on pin 22 until the button on pin 17 is pressed, then end when it is let go."""

from gpiozero import LED, Button, Device

button = Button(17, pull_up=True)
led = LED(22)
led.on()
assert Device.pin_factory is not None
print(type(Device.pin_factory).__name__, Device.pin_factory.board_info.model)
open("/run/lit", "w").close()
assert button.wait_for_press(30)
led.off()
open("/run/pressed", "w").close()
assert button.wait_for_release(30)
