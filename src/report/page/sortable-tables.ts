// Tables that are sorted by the column whose title is pressed.

export function sortableTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) {
    const titles = [...table.tHead!.rows[0]!.cells];
    for (const [column, title] of titles.entries()) {
      title.querySelector('button')?.addEventListener('click', () => sort(table, titles, column));
    }
  }
}

/** Numbers begin with the greatest, texts with the first; a second press turns the order round. */
function sort(table: HTMLTableElement, titles: readonly HTMLTableCellElement[], column: number): void {
  const title = titles[column]!;
  const before = title.getAttribute('aria-sort');
  const isNumeric = title.classList.contains('n');
  const isUp = before === null ? !isNumeric : before === 'descending';
  for (const other of titles) other.removeAttribute('aria-sort');
  title.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  const body = table.tBodies[0]!;
  const rows = [...body.rows].sort((a, b) => {
    const x = a.cells[column]!;
    const y = b.cells[column]!;
    const order = isNumeric
      ? Number(x.dataset.sort) - Number(y.dataset.sort)
      : x.textContent.localeCompare(y.textContent);
    return isUp ? order : -order;
  });
  for (const row of rows) body.appendChild(row);
}
