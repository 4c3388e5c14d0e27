"""What a trained model is and does: it predicts, is measured, is handed over and proved, and forecasts."""
