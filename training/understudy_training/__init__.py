"""Fine-tuning and base models of Understudy: the same code trains on a laptop and inside the SageMaker image."""
