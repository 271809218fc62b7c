"""Training of the starter model, stage by stage: data, tokenizer, autoencoder, text encoder, UNet, export."""
