"""A view as a 128x64 picture: fonts, icons, catalogues."""
