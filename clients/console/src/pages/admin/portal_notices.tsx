/* SPDX-License-Identifier: Apache-2.0 */
/* Notices that customers read on a portal: those of this one and those of all. */
import { useState } from 'preact/hooks';
import { portalsApi, type Notice, type PortalRow } from '../../api/desk';
import { text } from '../../text';
import { formatDateTime } from '../../text/format';
import { Field, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Badge, Loaded } from '../../view/page';
import { Dialog } from '../../view/parts';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { removeThing } from './parts';
import { fromLocalTime, toLocalTime } from './service_parts';

const NOW_INTERVAL_MS = 15_000;
/* The appliance's clock may be a little ahead of this computer's. */
const CLOCKS_APART_MS = 60_000;

export function PortalNotices({ portal, portals }: { portal: PortalRow; portals: readonly PortalRow[] }) {
  const words = text.portals.notices;
  const now = useNow(NOW_INTERVAL_MS);
  const [edited, setEdited] = useState<Notice | 'new' | null>(null);
  const notices = useResource(() => portalsApi.notices(), ['portals_changed']);
  const remove = async (notice: Notice) => {
    if (await removeThing(short(notice.text), words.removeText, () => portalsApi.removeNotice(notice.id))) {
      await notices.reload();
    }
  };
  return (
    <>
      <Loaded resource={notices}>
        {(all) => {
          const shown = all.filter((notice) => notice.portal === null || notice.portal === portal.id);
          return shown.length === 0 ? <p class="hint">{words.none}</p> : (
            <ul class="member-list">
              {shown.map((notice) => (
                <li key={notice.id} class="member-row" data-testid={`notice-${notice.id}`}>
                  <span>
                    <span class="notice-text">{notice.text}</span>
                    <span class="hint">
                      {notice.portal === null ? words.all : words.here(portal.name)}{' · '}
                      {notice.until_unix_ms === null ? words.since(formatDateTime(notice.from_unix_ms))
                        : words.span(formatDateTime(notice.from_unix_ms), formatDateTime(notice.until_unix_ms))}
                    </span>
                  </span>
                  <State notice={notice} now={now} />
                  <button type="button" class="quiet icon-button" aria-label={`${text.common.actions.edit}: ${short(notice.text)}`}
                    data-testid={`notice-edit-${notice.id}`} onClick={() => setEdited(notice)}>
                    <Icon name="edit" />
                  </button>
                  <button type="button" class="quiet icon-button" aria-label={text.admin.removeOne(short(notice.text))}
                    data-testid={`notice-remove-${notice.id}`} onClick={() => void remove(notice)}>
                    <Icon name="trash" />
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      <button type="button" class="primary" data-testid="notice-new" onClick={() => setEdited('new')}>{words.add}</button>
      {edited && (
        <Dialog title={words.title} onClose={() => setEdited(null)}>
          <NoticeForm notice={edited === 'new' ? null : edited} portal={portal} portals={portals} onDone={(saved) => {
            setEdited(null);
            if (saved) {
              void notices.reload();
            }
          }} />
        </Dialog>
      )}
    </>
  );
}

function short(value: string): string {
  const letters = [...value.replace(/\s+/g, ' ')];
  return letters.length > 40 ? `${letters.slice(0, 39).join('')}…` : letters.join('');
}

function State({ notice, now }: { notice: Notice; now: number }) {
  const words = text.portals.notices;
  return notice.from_unix_ms > now + CLOCKS_APART_MS ? <Badge>{words.later}</Badge>
    : notice.until_unix_ms !== null && notice.until_unix_ms <= now ? <Badge>{words.over}</Badge>
    : <Badge tone="ok">{words.now}</Badge>;
}

function NoticeForm({ notice, portal, portals, onDone }: {
  notice: Notice | null; portal: PortalRow; portals: readonly PortalRow[]; onDone: (saved: boolean) => void;
}) {
  const words = text.portals.notices;
  const form = useForm({
    text: notice?.text ?? '', portal: notice ? notice.portal ?? 0 : portal.id,
    from: notice ? toLocalTime(notice.from_unix_ms) : '', until: notice?.until_unix_ms ? toLocalTime(notice.until_unix_ms) : '',
  }, {
    isNew: notice === null,
    check: (values) => ({
      text: values.text.trim() === '' ? words.textNeeded : '',
      until: values.from !== '' && values.until !== '' && values.until <= values.from ? words.orderWrong : '',
    }),
    save: async (values) => {
      const from = fromLocalTime(values.from);
      const until = fromLocalTime(values.until);
      const body = { text: values.text, ...(from !== null && { from_unix_ms: from }), until_unix_ms: until ?? 0, portal: values.portal || null };
      if (notice) {
        await portalsApi.setNotice(notice.id, body);
      } else {
        const { portal: where, until_unix_ms: end, ...rest } = body;
        await portalsApi.createNotice({ ...rest, ...(where !== null && { portal: where }), ...(end !== 0 && { until_unix_ms: end }) });
      }
    },
    saved: () => {
      toast(text.common.actions.saved);
      onDone(true);
    },
  });
  return (
    <Form form={form} label={words.title}>
      <TextArea label={words.text} rows={4} maxLength={1000} {...form.text('text')} />
      <Select label={words.where} {...form.select('portal')}
        options={[{ value: 0, label: words.all }, ...portals.map((one) => ({ value: one.id, label: words.here(one.name) }))]} />
      <div class="field-row">
        <Field label={words.from} hint={words.fromHint} type="datetime-local" {...form.text('from')} />
        <Field label={words.until} hint={words.untilHint} type="datetime-local" {...form.text('until')} />
      </div>
      <FormBar form={form} onCancel={() => onDone(false)} />
    </Form>
  );
}
