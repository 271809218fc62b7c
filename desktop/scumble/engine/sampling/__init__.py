"""One denoising loop on diffusers' UNets and schedulers. Its modules import torch; this package does not."""
