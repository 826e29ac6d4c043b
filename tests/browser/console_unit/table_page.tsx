/* SPDX-License-Identifier: Apache-2.0 */
/* A page with a table of 75,000 rows and a form, for table.test.mjs. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { Check, Field, NumberField, Select } from '../../../clients/console/src/view/fields';
import { ConfirmRegion } from '../../../clients/console/src/view/confirm';
import { Form, FormBar, useForm } from '../../../clients/console/src/view/form';
import { Menu } from '../../../clients/console/src/view/menu';
import { Badge, Card, Empty, Page } from '../../../clients/console/src/view/page';
import { Table, type Column, type Key } from '../../../clients/console/src/view/table';
import { PagedRows } from '../../../clients/console/src/view/table_rows';
import { SearchField } from '../../../clients/console/src/view/fields';
import { Icon } from '../../../clients/console/src/view/icon';
import { compareText, formatNumber } from '../../../clients/console/src/text/format';
import { startTheme } from '../../../clients/console/src/theme';

interface Item {
  readonly id: number;
  readonly name: string;
  readonly state: 'online' | 'offline';
  readonly size: number;
}

const COUNT = 75_000;
const items: Item[] = Array.from({ length: COUNT }, (_, at) => ({
  id: at + 1, name: `pc ${(at * 7919) % COUNT}`, state: at % 3 ? 'online' : 'offline', size: (at * 31) % 1000,
}));
const columns: Column<Item>[] = [
  { id: 'name', title: 'Name', width: 200, grow: 3, fixed: true, value: (row) => <bdi>{row.name}</bdi>,
    sort: (a, b) => compareText(a.name, b.name) },
  { id: 'state', title: 'State', width: 110, value: (row) => (
    <Badge tone={row.state === 'online' ? 'ok' : 'neutral'}>{row.state}</Badge>) },
  { id: 'size', title: 'Size', width: 90, grow: 0, align: 'end', value: (row) => formatNumber(row.size),
    sort: (a, b) => a.size - b.size },
  { id: 'id', title: 'Number', width: 90, hidden: true, value: (row) => row.id },
];

/* What was asked for, for the test to look at. */
const asked: string[] = [];
Object.assign(window, { asked, opened: [] as string[], saved: [] as unknown[] });
const paged = new PagedRows<Item>(async (from, count) => {
  asked.push(`${from}+${count}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { rows: items.slice(from, from + count), count: COUNT };
});

function Demo() {
  const isPaged = location.hash === '#paged';
  const [selection, setSelection] = useState<ReadonlySet<Key>>(new Set());
  const [filter, setFilter] = useState('');
  const [current, setCurrent] = useState<Key | null>(null);
  const rows = isPaged ? paged : filter === '' ? items : items.filter((item) => item.name.includes(filter));
  return (
    <div class="frame"><div class="frame-page">
      <Page title="Computers" width="full" filter={<SearchField label="Filter by name" value={filter} onInput={setFilter} testId="filter" />}
        actions={<button type="button" class="primary"><Icon name="plus" />Add</button>}>
        <div class="split">
          <Table name="demo" label="Computers" testId="table" columns={columns} rows={rows} rowKey={(row) => row.id}
            rowName={(row) => row.name} rowProps={(row) => ({ 'data-testid': `row-${row.id}` })} current={current}
            onCurrent={(row) => setCurrent(row.id)} selection={selection} onSelect={setSelection}
            onOpen={(row) => (window as unknown as { opened: string[] }).opened.push(row.name)}
            actions={(row) => <Menu label={`Actions for ${row.name}`} button={<Icon name="more" />} entries={[
              { label: 'Edit', icon: 'edit', onChoose: () => undefined },
              { kind: 'line' }, { label: 'Remove', icon: 'trash', danger: true, onChoose: () => undefined }]} />}
            actionsWidth={60} bar={selection.size > 0 ? <span data-testid="selected">{selection.size}</span> : null}
            empty={<Empty title="Nothing matches" />} />
          <div class="pane"><DemoForm /></div>
        </div>
      </Page>
      <ConfirmRegion />
    </div></div>
  );
}

function DemoForm() {
  const form = useForm({ name: 'pc 1', size: 3 as number | null, on: true, kind: 'a' }, {
    check: (values) => (values.name === '' ? { name: 'A name is needed.' } : {}),
    save: async (_, changed) => {
      (window as unknown as { saved: unknown[] }).saved.push(changed);
    },
  });
  return (
    <Card title="Details">
      <Form form={form} label="Details">
        <Field label="Name" {...form.text('name')} hint="What representatives call it" />
        <NumberField label="Size" unit="GiB" min={1} max={9} {...form.number('size')} />
        <Select label="Kind" options={[{ value: 'a', label: 'Desktop' }, { value: 'b', label: 'Server' }]} {...form.select('kind')} />
        <Check label="Reachable without anybody at it" {...form.check('on')} />
        <FormBar form={form} />
      </Form>
    </Card>
  );
}

startTheme('system');
render(<Demo />, document.getElementById('app')!);
