"""What a station says and hears on MQTT, for readers in any language: JSON Schemas (2020-12), an AsyncAPI 3 document.

`events/<type>.json` and `messages/<name>.json` are a schema each, `asyncapi.json` says on which topics they travel. All
are generated from the structs (`python -m station.schemas`); whoever changes a struct commits them anew.
"""
