// A table as CSV. A text that a program of tables would compute gets an apostrophe before it, as in
// `narrows trials --csv`.

const FORMULA = /^[=+\-@\t\r]/;

// Saves rows of numbers, texts and nulls as a file.
export function save(name, rows) {
  const text = rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function cell(value) {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value ?? '') ? `'${value}` : String(value ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
