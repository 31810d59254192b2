"""The whole service under a steady load, while its parts are killed, stopped, slowed and cut off; a model checks each answer."""
