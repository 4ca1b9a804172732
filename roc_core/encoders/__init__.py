"""Text and vision encoders: frozen backbones behind one contract each."""
