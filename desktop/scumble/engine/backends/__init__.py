"""Other libraries than torch that can compute a model's UNet. Importing this package imports none of them."""
