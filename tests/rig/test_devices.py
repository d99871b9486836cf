"""Each piece of hardware, tried with its driver's library on the guest's kernel."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image

from tests.rig.devices.broker import Broker, Cable
from tests.rig.devices.gpio import Pins
from tests.rig.devices.oled import Oled
from tests.rig.devices.usb import HidKeyboard, UsbSerial
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest, Job

pytestmark = pytest.mark.rig
TAG = "1A4060300000001000012345"
PROGRAM_S_MAX = 90
FEED = "exec 3>/run/numbers; echo 1 >&3; until test -e /run/cut; do sleep 0.1; done; echo 2 >&3"


class Programs:
    """Runs the small programs of tests/rig/programs in the guest."""

    def __init__(self, guest: Guest, environment: Environment) -> None:
        self.guest = guest
        self._python = environment.python

    def start(self, name: str, *arguments: str, ready: str = "", stdin: str = "", out: str = "") -> Job:
        """Start one, with redirections; wait for the file by which it says that it is ready."""
        if ready:
            self.guest.check(f"rm -f {ready}")
        program = [self._python, f"{GUEST_CHECKOUT}/tests/rig/programs/{name}.py", *arguments]
        redirect = (f" <{stdin}" if stdin else "") + (f" >{out}" if out else "")
        env = {"GPIOZERO_PIN_FACTORY": "lgpio", "LG_WD": "/run"}
        job = self.guest.spawn("exec " + shlex.join(program) + redirect, PROGRAM_S_MAX, env=env)
        if ready:
            self.guest.wait_for(lambda: job.done() or self.guest.run(f"test -e {ready}").code == 0, PROGRAM_S_MAX)
        return job

    def finish(self, job: Job) -> str:
        """Return what it printed; its end must be a good one."""
        result = job.result()
        assert result.code == 0, result.stderr
        return result.stdout


@pytest.fixture
def programs(guest: Guest, environment: Environment) -> Programs:
    return Programs(guest, environment)


@pytest.fixture(scope="module")
def gun(guest: Guest) -> Iterator[HidKeyboard]:
    gun = HidKeyboard(guest, "05e0", "1200", "GUN-1", "Symbol Scanner")
    yield gun
    gun.remove()


@pytest.fixture(scope="module")
def pole(guest: Guest) -> Iterator[UsbSerial]:
    pole = UsbSerial(guest, "POLE1")
    yield pole
    pole.remove()


def typed(keys: str) -> str:
    """Turn key names, one a line, into the text that they type."""
    text, shifted = "", False
    for key in keys.split():
        name = key.removeprefix("KEY_")
        if name == "LEFTSHIFT":
            shifted = True
        elif name != "ENTER":
            text += name if shifted else name.lower()
            shifted = False
    return text


def test_a_grabbed_keyboard_gives_every_key_of_a_tag(programs: Programs, gun: HidKeyboard) -> None:
    job = programs.start("keys", str(gun.event_path()), ready="/run/grabbed")
    gun.type(TAG + "\n")
    assert typed(programs.finish(job)) == TAG


def test_a_keyboard_shows_its_identity_to_udev(guest: Guest, gun: HidKeyboard) -> None:
    shown = guest.check(f"udevadm info -q property {gun.event_path()}").splitlines()
    assert {"ID_VENDOR_ID=05e0", "ID_MODEL_ID=1200", "ID_SERIAL_SHORT=GUN-1"} <= set(shown)


def test_two_keyboards_are_told_apart(guest: Guest, gun: HidKeyboard) -> None:
    badge = HidKeyboard(guest, "0c27", "3bfa", "BADGE-1", "rf IDEAS reader")
    try:
        assert gun.event_path() != badge.event_path()
    finally:
        badge.remove()
    assert gun.event_path() is not None


def test_an_unplugged_keyboard_ends_its_reader_with_enodev(programs: Programs, gun: HidKeyboard) -> None:
    job = programs.start("unplugged", str(gun.event_path()), ready="/run/grabbed")
    gun.unplug()
    assert programs.finish(job) == "ENODEV\n"
    again = programs.start("keys", gun.plug(), ready="/run/grabbed")
    gun.type("42\n")
    assert typed(programs.finish(again)) == "42"


def test_an_unplugged_keyboard_cannot_type(gun: HidKeyboard) -> None:
    gun.unplug()
    try:
        with pytest.raises(OSError, match="hidg"):
            gun.type(TAG)
    finally:
        gun.plug()


def test_a_serial_scanner_is_heard_and_answered(programs: Programs, pole: UsbSerial) -> None:
    job = programs.start("echo", pole.path, ready="/run/listening")
    pole.send(TAG.encode() + b"\r")
    assert pole.wait_received(b"\r") == b"got " + TAG.encode() + b"\r"
    assert programs.finish(job) == f"{TAG.encode() + bytes([13])!r}\n"


def test_a_serial_scanner_comes_back_under_its_name(programs: Programs, pole: UsbSerial) -> None:
    pole.unplug()
    assert programs.guest.run(f"test -e {pole.path}").code == 1
    job = programs.start("echo", pole.plug(), ready="/run/listening")
    pole.send(b"again\r")
    pole.wait_received(b"got again\r")
    programs.finish(job)


def test_gpiozero_on_lgpio_sees_the_button_and_lights_the_led(programs: Programs, pins: Pins) -> None:
    job = programs.start("button", ready="/run/lit")
    assert (pins.value(22), pins.value(17)) == (1, 1)
    assert set(pins.consumers()) == {17, 22}
    pins.drive(17, 0)
    programs.guest.wait_for("test -e /run/pressed")
    assert pins.value(22) == 0
    pins.drive(17, 1)
    assert programs.finish(job) == "LGPIOFactory 4B\n"
    assert pins.consumers() == {}


def test_the_picture_on_the_oled_is_lumas_own_frame(programs: Programs, oled: Oled) -> None:
    programs.finish(programs.start("draw", "50/50", out="/run/frame"))
    lumas = Image.frombytes("1", (128, 64), programs.guest.get("/run/frame"))
    assert lumas.getbbox() is not None
    assert oled.picture().tobytes() == lumas.tobytes()
    assert (oled.chip.on, oled.chip.inverted, oled.chip.contrast) == (True, False, 0x30)


def test_a_partial_write_changes_only_its_window(programs: Programs, oled: Oled) -> None:
    programs.finish(programs.start("draw", "50/50"))
    before = bytes(oled.chip.memory)
    programs.finish(programs.start("patch"))
    chip = oled.chip
    assert chip.inverted
    changed = [place for place in range(1024) if chip.memory[place] != before[place]]
    assert changed == [2 * 128 + column for column in range(8, 16)]
    assert oled.picture().getpixel((127, 0)) == 255


def test_a_missing_display_is_an_error_to_its_program(programs: Programs, oled: Oled) -> None:
    oled.unplug()
    try:
        result = programs.start("draw", "nobody").result()
    finally:
        oled.plug()
    assert result.code == 1
    assert "No such device or address" in result.stderr


def listen(broker: Broker) -> tuple[mqtt.Client, list[str], threading.Condition]:
    """Subscribe on the host to what the guest publishes."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    got: list[str] = []
    arrived = threading.Condition()
    subscribed = threading.Event()

    def on_message(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        with arrived:
            got.append(message.payload.decode())
            arrived.notify_all()

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.subscribe("rig/#", qos=1)
    assert subscribed.wait(20)
    return client, got, arrived


def test_a_cut_network_holds_messages_back_until_it_is_mended(programs: Programs, broker: Broker, cable: Cable) -> None:
    client, got, arrived = listen(broker)
    programs.guest.check("rm -f /run/numbers; mkfifo /run/numbers")
    publisher = programs.start("publish", stdin="/run/numbers")
    feeder = programs.guest.spawn(FEED, PROGRAM_S_MAX)
    with arrived:
        assert arrived.wait_for(lambda: got == ["1"], 60)
    cable.pull()
    programs.guest.wait_for('test "$(cat /sys/class/net/eth0/carrier)" = 0')
    programs.guest.check("touch /run/cut")
    assert feeder.result().code == 0
    assert not publisher.done()
    assert got == ["1"]
    cable.plug()
    with arrived:
        assert arrived.wait_for(lambda: "2" in got, 60)
    assert publisher.result().code == 0
    client.disconnect()
    client.loop_stop()
