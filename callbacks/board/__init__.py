"""The Narrowing tab of TensorBoard: `loader` is its entry point. Nothing here imports TensorFlow or Keras."""
