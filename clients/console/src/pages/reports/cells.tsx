/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of reports: a row's value as a person reads it, and how rows are sorted by it. */
import type { ReportRow } from '../../api/reports';
import { text } from '../../text';
import { compareText, formatBytes, formatDateTime, formatNumber, formatRemaining } from '../../text/format';
import type { Column } from '../../view/table';
import { columnTitle, wordOf, type ReportColumn } from './kinds';

function valueOf(row: ReportRow, column: ReportColumn): unknown {
  return row[column.kind === 'time' ? `${column.id}_unix_ms` : column.id];
}

export function cellText(row: ReportRow, column: ReportColumn): string {
  const value = valueOf(row, column);
  switch (column.kind) {
    case 'time': return typeof value === 'number' && value > 0 ? formatDateTime(value) : '';
    case 'seconds': return typeof value === 'number' ? formatRemaining(value * 1000) : '';
    case 'number': return typeof value === 'number' ? formatNumber(value) : '';
    case 'bytes': return typeof value === 'number' ? formatBytes(value) : '';
    case 'flag': return value === true ? text.common.actions.yes : text.common.actions.no;
    case 'word': return typeof value === 'string' ? wordOf(value) : '';
    case 'id': return typeof value === 'number' ? String(value) : '';
    case 'text': return typeof value === 'string' ? value : '';
  }
}

function compare(a: ReportRow, b: ReportRow, column: ReportColumn): number {
  const left = valueOf(a, column);
  const right = valueOf(b, column);
  return typeof left === 'number' || typeof right === 'number'
    ? Number(left ?? 0) - Number(right ?? 0) : compareText(cellText(a, column), cellText(b, column));
}

const isCount = (column: ReportColumn): boolean => ['number', 'seconds', 'bytes'].includes(column.kind);

export function tableColumns(columns: readonly ReportColumn[]): Column<ReportRow>[] {
  return columns.map((column) => ({
    id: column.id,
    title: columnTitle(column.id),
    width: column.width ?? 140,
    value: (row) => {
      const shown = cellText(row, column);
      return <bdi class="report-cell" title={column.kind === 'text' ? shown : undefined}>{shown}</bdi>;
    },
    sort: (a, b) => compare(a, b, column),
    ...(isCount(column) && { align: 'end' as const }),
    ...(column.hidden && { hidden: true }),
  }));
}
