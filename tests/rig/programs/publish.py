"""Publish each line of stdin as `rig/<line>` at QoS 1 over MQTT 5, each after the PUBACK of the last."""

import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

acknowledged = threading.Semaphore(0)
client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="rig", protocol=mqtt.MQTTv5)
client.on_publish = lambda *_: acknowledged.release()
client.reconnect_delay_set(1, 2)
client.connect_async("10.0.2.100", 1883, keepalive=5)
client.loop_start()
for line in sys.stdin:
    # Offline, paho keeps it in memory and sends it when the broker is back.
    client.publish("rig/" + line.strip(), line.strip(), qos=1)
    acknowledged.acquire()
client.disconnect()
client.loop_stop()
