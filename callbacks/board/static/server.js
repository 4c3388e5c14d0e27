// What the server answers. What goes wrong becomes an Error whose message is a sentence for the user.

export async function ask(path, query = {}) {
  let answer;
  try {
    answer = await fetch(`${path}?${new URLSearchParams(query)}`);
  } catch {
    throw new Error('TensorBoard does not answer; it may have been stopped.');
  }
  const text = await answer.text();
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error(`TensorBoard answered ${answer.status} ${answer.statusText} instead of data.`);
  }
  if (data.error) throw new Error(data.error);
  return data;
}
