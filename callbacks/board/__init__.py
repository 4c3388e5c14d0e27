"""The Narrowing tab of TensorBoard. Nothing here imports TensorFlow or Keras."""
