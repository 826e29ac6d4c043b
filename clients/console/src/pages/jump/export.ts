/* SPDX-License-Identifier: Apache-2.0 */
/* The list as a file, part by part, and on paper. */
import { jumpApi, type JumpItem, type JumpListing } from '../../api/jump';
import { sentence } from '../../api/request';
import { saveFile } from '../../save_file';
import { text } from '../../text';
import { formatDateTime, formatNumber } from '../../text/format';
import { PagedRows } from '../../view/table_rows';
import { toast } from '../../view/toast';

const PRINT_MOST = 2_000;
const PAGE = 100;

/* only: of these numbers; null: everything one sees. The first column of the file is the number. */
export async function exportAll(only: ReadonlySet<number> | null = null): Promise<void> {
  const parts: string[] = [];
  let rows = 0;
  let after: number | null = 0;
  try {
    while (after !== null) {
      const part: Awaited<ReturnType<typeof jumpApi.export>> = await jumpApi.export(after);
      const kept = only ? keepRows(part.csv, only, after === 0) : { csv: part.csv, rows: part.rows };
      parts.push(kept.csv);
      rows += kept.rows;
      after = part.next;
      if (only && rows === only.size) {
        break;
      }
    }
  } catch (error) {
    toast(sentence(error), 'error');
    return;
  }
  saveFile('jump-items.csv', new Blob(['\uFEFF', ...parts], { type: 'text/csv;charset=utf-8' }));
  toast(text.jump.exported(formatNumber(rows)));
}

/* The rows of a piece of RFC 4180 whose first cell is one of these numbers; with its head when it has one. */
export function keepRows(csv: string, only: ReadonlySet<number>, hasHead: boolean): { csv: string; rows: number } {
  let kept = '';
  let rows = 0;
  let from = 0;
  let quoted = false;
  let isHead = hasHead;
  for (let at = 0; at < csv.length; at++) {
    if (csv[at] === '"') {
      quoted = !quoted; /* a quote in a cell is doubled: it turns twice */
    } else if (csv[at] === '\n' && !quoted) {
      const row = csv.slice(from, at + 1);
      const is = only.has(Number.parseInt(row, 10));
      if (isHead || is) {
        kept += row;
      }
      rows += is && !isHead ? 1 : 0;
      isHead = false;
      from = at + 1;
    }
  }
  return { csv: kept, rows };
}

/* The list as it is looked at, as a plain table of its own that only the printer sees. */
export async function printList(listing: JumpListing, rows: PagedRows<JumpItem> | readonly JumpItem[] | null): Promise<void> {
  try {
    const { items, count } = rows instanceof PagedRows || rows === null ? await fetchList(listing)
      : { items: rows, count: rows.length };
    const sheet = document.createElement('div');
    sheet.className = 'print-sheet';
    const titles = text.jump.columns;
    const head = document.createElement('h1');
    head.textContent = text.jump.items;
    const line = document.createElement('p');
    line.textContent = `${text.jump.printed(formatNumber(items.length), formatNumber(count))} · ${formatDateTime(Date.now())}`;
    const table = document.createElement('table');
    addRow(table.createTHead(), 'th', [titles.id, titles.name, titles.group, titles.state, titles.user, titles.hostname, titles.platform, titles.lastAccess]);
    const body = table.createTBody();
    for (const item of items) {
      addRow(body, 'td', [String(item.id), item.name, item.group, text.jump.state[item.state] ?? item.state, item.user, item.hostname,
        item.platform, item.last_access_unix_ms ? formatDateTime(item.last_access_unix_ms) : text.jump.never]);
    }
    sheet.append(head, line, table);
    document.body.append(sheet);
    window.addEventListener('afterprint', () => sheet.remove(), { once: true });
    window.print();
  } catch (error) {
    toast(sentence(error), 'error');
  }
}

function addRow(section: HTMLTableSectionElement, cell: 'td' | 'th', values: readonly string[]): void {
  const row = section.insertRow();
  for (const value of values) {
    const made = document.createElement(cell);
    made.textContent = value;
    row.append(made);
  }
}

async function fetchList(listing: JumpListing): Promise<{ items: JumpItem[]; count: number }> {
  const items: JumpItem[] = [];
  let count = PAGE;
  while (items.length < Math.min(count, PRINT_MOST)) {
    const page = await jumpApi.list({ ...listing, from: items.length, limit: PAGE });
    count = page.count;
    if (page.jump_items.length === 0) {
      break;
    }
    items.push(...page.jump_items);
  }
  return { items, count };
}
