/* SPDX-License-Identifier: Apache-2.0 */
/* A whole report as one file, fetched page by page and put together again. */
import { reportsApi, type ReportFormat } from '../../api/reports';
import type { Query } from '../../api/request';
import { saveFile } from '../../save_file';

/* What a browser can still put together in memory without trouble: about 100 MB. */
const CHARACTERS_MAX = 100_000_000;

export class DownloadTooLarge extends Error {}

const TYPES: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv;charset=utf-8', json: 'application/json', xml: 'application/xml',
};

/* The pages of a report as one document; element: the XML element that holds the rows. */
export function joinPages(pages: readonly string[], format: ReportFormat, element: string): string {
  if (format === 'csv') {
    return pages.join('');
  }
  if (format === 'json') {
    const parsed = pages.map((page) => JSON.parse(page) as { report: string; rows: unknown[] });
    return `${JSON.stringify({ report: parsed[0]!.report, rows: parsed.flatMap((page) => page.rows) }, null, 1)}\n`;
  }
  const open = `<${element}>`;
  const close = `</${element}>`;
  const empty = `<${element}/>`;
  const rows = pages.map((page) => {
    const from = page.indexOf(open);
    return from < 0 ? '' : page.slice(from + open.length, page.lastIndexOf(close));
  }).join('');
  const first = pages[0]!;
  const from = first.includes(open) ? first.indexOf(open) : first.indexOf(empty);
  const to = first.includes(open) ? first.lastIndexOf(close) + close.length : from + empty.length;
  return `${first.slice(0, from)}${open}${rows}${close}${first.slice(to).replace(/<next>[^<]*<\/next>/, '')}`;
}

/* told: how many pages have come. */
export async function downloadReport(path: string, query: Query, format: ReportFormat, name: string, element: string,
  told: (pages: number) => void): Promise<void> {
  const pages: string[] = [];
  let length = 0;
  let after: string | null = null;
  do {
    const page: { text: string; next: string | null } = await reportsApi.file(path, query, format, after);
    pages.push(page.text);
    length += page.text.length;
    after = page.next;
    told(pages.length);
    if (length > CHARACTERS_MAX) {
      throw new DownloadTooLarge();
    }
  } while (after !== null);
  saveFile(`${name}.${format}`, new Blob([joinPages(pages, format, element)], { type: TYPES[format] }));
}
