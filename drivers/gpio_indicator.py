"""Buzzer and lights on GPIO pins: gpiozero, always on lgpio, so that no fallback hides a fault."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

import gpiozero

from drivers.gpio_pins import Pins, pin_factory
from drivers.patterns import DARK, PATTERNS, Pattern, PatternStep
from station.domain.core.effects import Signal
from station.errors import DeviceError

GAP_S = 0.03
"""Silence before a pattern that cuts another short, so that two high tones are heard as two."""
JOIN_S = 2.0

_LOWEST_TO_HIGHEST = {"mid_tone": gpiozero.tones.Tone("A5"), "octaves": 2}  # 220 Hz to 3520 Hz


class GpioIndicator:
    """Plays the patterns on a thread of its own; a pin that is None is not fitted. The options are the settings'.

    A passive buzzer is given tones, an active one power. DeviceError when a pin or the GPIO chip cannot be had. Later
    faults are told to `on_lost`, once each, and their end to `on_found`, on the indicator's own thread.
    """

    def __init__(
        self,
        *,
        buzzer_pin: int | None = None,
        red_pin: int | None = None,
        amber_pin: int | None = None,
        green_pin: int | None = None,
        buzzer: Literal["passive", "active-when-high", "active-when-low"] = "passive",
        lights: Literal["lit-when-high", "lit-when-low"] = "lit-when-high",
        pins: Pins = "real",
        patterns: Mapping[Signal, Pattern] = PATTERNS,
        on_lost: Callable[[str], None] = lambda _: None,
        on_found: Callable[[], None] = lambda: None,
    ) -> None:
        self._patterns = patterns
        self._on_lost, self._on_found = on_lost, on_found
        self._factory = pin_factory("[indicator]", pins)
        self._lights: dict[str, Any] = {}
        self._buzzer: Any = None
        for name, pin in (("red", red_pin), ("amber", amber_pin), ("green", green_pin)):
            if pin is not None:
                self._lights[name] = self._open_device(
                    f"{name}_pin", pin, gpiozero.LED, active_high=lights == "lit-when-high"
                )
        if buzzer_pin is not None and buzzer == "passive":
            self._buzzer = self._open_device("buzzer_pin", buzzer_pin, gpiozero.TonalBuzzer, **_LOWEST_TO_HIGHEST)
        elif buzzer_pin is not None:
            is_high = buzzer == "active-when-high"
            self._buzzer = self._open_device("buzzer_pin", buzzer_pin, gpiozero.Buzzer, active_high=is_high)
        self._changed = threading.Condition()
        self._next: Signal | None = None
        self._held: Signal | None = None
        self._is_closed = False
        self._is_lost = False
        self._shown = DARK
        self._thread = threading.Thread(target=self._play_until_closed, name="indicator", daemon=True)
        self._thread.start()

    def play(self, signal: Signal) -> None:
        """Play a pattern once, from now; what is played is cut short."""
        with self._changed:
            self._next = signal
            self._changed.notify()

    def hold(self, signal: Signal | None) -> None:
        """Repeat a pattern whenever no other is played, until None."""
        with self._changed:
            self._held = signal
            self._changed.notify()

    def close(self) -> None:
        """Silence and dark, and give the pins back; callable more than once."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(JOIN_S)

    def _play_until_closed(self) -> None:
        while (chosen := self._next_signal()) is not None:
            self._play_pattern(*chosen)
        self._show_step(DARK)
        for device in (*self._lights.values(), self._buzzer):
            if device is not None:
                device.close()
        self._factory.close()

    def _next_signal(self) -> tuple[Signal, bool] | None:
        """Wait for a signal; it, and whether it is only held. None when closed."""
        with self._changed:
            while not self._is_closed:
                if self._next is not None:
                    signal, self._next = self._next, None
                    return signal, False
                if self._held is not None:
                    return self._held, True
                self._show_step(DARK)
                self._changed.wait()
        return None

    def _play_pattern(self, signal: Signal, is_held: bool) -> None:
        if self._shown.tone_hz:
            self._show_step(DARK)
            self._is_cut(GAP_S, None)
        for step in self._patterns[signal]:
            self._show_step(step)
            if self._is_cut(step.ms / 1000, signal if is_held else None):
                return

    def _is_cut(self, pause_s: float, held: Signal | None) -> bool:
        """Wait; True as soon as something else is to be shown."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._is_closed or self._next is not None or (held is not None and self._held is not held),
                pause_s,
            )

    def _show_step(self, step: PatternStep) -> None:
        self._shown = step
        try:
            for name, light in self._lights.items():
                light.value = name in step.lights
            self._sound_tone(step.tone_hz)
        except (
            Exception
        ) as error:  # gpiozero and lgpio each raise kinds of their own; a bad pin must not end the thread
            if not self._is_lost:
                self._is_lost = True
                self._on_lost(str(error))
        else:
            if self._is_lost:
                self._is_lost = False
                self._on_found()

    def _sound_tone(self, tone_hz: int | None) -> None:
        if isinstance(self._buzzer, gpiozero.TonalBuzzer):
            self._buzzer.play(None if tone_hz is None else gpiozero.tones.Tone.from_frequency(tone_hz))
        elif self._buzzer is not None:
            self._buzzer.value = tone_hz is not None

    def _open_device(self, key: str, pin: int, kind: Callable[..., Any], **options: Any) -> Any:
        try:
            return kind(pin, pin_factory=self._factory, **options)
        except Exception as error:  # gpiozero's and lgpio's kinds, see above; the text is for people
            self._factory.close()
            raise DeviceError(f"[indicator] {key} = {pin}: {error}; give it a free pin of the header") from error
