/* SPDX-License-Identifier: Apache-2.0 */
/* All about one Jump Item, and what one may do with it. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { jumpApi, type JumpCopy, type JumpEdit, type JumpItemWhole } from '../../api/jump';
import { ApiError, sentence } from '../../api/request';
import type { ConsoleState } from '../../console_state';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatAgo, formatBytes, formatDate, formatDateTime, formatNumber, formatPercent, formatRemaining } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Field, NumberField, Select, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Icon } from '../../view/icon';
import { Menu, type MenuEntry } from '../../view/menu';
import { Badge, Empty, Facts, Loaded } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { dayOf, endOfDay, ToGroup, useTargets } from './bulk';
import { countsChanged } from './places';
import type { Target } from './start';

const DAY_S = 86_400;

interface DetailsProps {
  state: ConsoleState;
  id: number | null;
  editing: boolean;
  setEditing: (is: boolean) => void;
  isFavourite: boolean;
  setStar: (item: Target, is: boolean) => void;
  onJump: (target: Target) => void;
  starting: number;
  now: number;
  onGone: () => void;
}

export function Details(props: DetailsProps) {
  const { id } = props;
  const item = useResource(async () => (id === null ? null : await jumpApi.show(id).then((reply) => reply.jump_item,
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 404) {
        return 'gone' as const;
      }
      throw error;
    })), ['jump_items_changed', 'policies_changed'], [id]);
  return (
    <aside class="jump-details" aria-label={text.jump.details} data-testid="jump-details">
      {id === null ? <Empty title={text.jump.details}>{text.jump.noneChosen}</Empty> : (
        <Loaded resource={item} lines={8}>
          {(value) => (value === null ? null : value === 'gone' ? <Empty title={text.jump.gone} />
            : <Item {...props} item={value} reload={item.reload} />)}
        </Loaded>
      )}
    </aside>
  );
}

interface ItemProps extends DetailsProps {
  item: JumpItemWhole;
  reload: () => Promise<void>;
}

const editFlags = ['edit_identity', 'edit_tag', 'edit_comments', 'edit_behavior', 'assign_jump_group'];

function Item(props: ItemProps) {
  const { item, editing, setEditing, isFavourite, setStar, starting } = props;
  const mayEdit = editFlags.some((flag) => item.may.includes(flag));
  return (
    <>
      <header class="jump-details-head">
        <h2><bdi>{item.name}</bdi></h2>
        <button type="button" class={`jump-star ${isFavourite ? 'on' : ''}`} aria-pressed={isFavourite}
          aria-label={text.jump.favouriteOf(item.name)} data-testid="details-star" onClick={() => setStar(item, !isFavourite)}>
          <Icon name="star" />
        </button>
      </header>
      <p class="jump-details-state">
        <span class={`state state-${item.state}`}>{text.jump.state[item.state] ?? item.state}</span>
        <span class="muted">{text.jump.presence[item.presence] ?? ''}</span>
        {item.needs_update && <Badge tone="warn">{text.jump.needsUpdate}</Badge>}
      </p>
      <Thumbnail item={item} now={props.now} />
      <div class="actions jump-details-actions">
        <button type="button" class="primary" data-testid="details-jump" disabled={starting === item.id}
          onClick={() => props.onJump(item)}>
          {starting === item.id ? text.jump.starting : text.jump.jump}
        </button>
        {mayEdit && !editing && (
          <button type="button" data-testid="details-edit" onClick={() => setEditing(true)}><Icon name="edit" />{text.jump.edit}</button>
        )}
        <MoreActions {...props} />
      </div>
      {editing && mayEdit ? <EditItem {...props} /> : <ItemFacts {...props} />}
    </>
  );
}

function Thumbnail({ item, now }: { item: JumpItemWhole; now: number }) {
  const picture = useResource(async () => {
    try {
      return await jumpApi.thumbnail(item.id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return { type: '', picture: '', time_unix_ms: 0 };
      }
      throw error;
    }
  }, [], [item.id, item.reported_unix_ms]);
  const shown = picture.value && picture.value.picture !== '' ? picture.value : null;
  return (
    <figure class="jump-thumbnail">
      <div class="jump-thumbnail-box">
        {shown ? (
          <img src={`data:image/png;base64,${shown.picture.replaceAll('-', '+').replaceAll('_', '/')}`}
            alt={text.jump.thumbnail(item.name)} data-testid="details-thumbnail" />
        ) : <span class="muted">{picture.loading ? '' : text.jump.noThumbnail}</span>}
      </div>
      {shown && <figcaption class="hint">{text.jump.thumbnailTime(formatAgo(shown.time_unix_ms, now))}</figcaption>}
    </figure>
  );
}

function MoreActions({ item, reload, onGone, state }: ItemProps) {
  const act = (run: () => Promise<unknown>) => run().catch((error: unknown) => toast(sentence(error), 'error'));
  const uninstall = async () => {
    if (await confirm({ title: text.jump.uninstallTitle(item.name), text: text.jump.uninstallText,
      action: text.jump.uninstallAction, danger: true })) {
      const { is_online: online } = await jumpApi.uninstall(item.id);
      toast(online ? text.jump.uninstalledNow(item.name) : text.jump.uninstalledLater(item.name));
      await reload();
    }
  };
  const remove = async () => {
    if (await confirm({ title: text.jump.removeTitle(item.name), text: text.jump.removeText,
      action: text.common.actions.remove, danger: true })) {
      await jumpApi.remove(item.id);
      toast(text.jump.removed(item.name));
      countsChanged();
      onGone();
    }
  };
  const retry = async () => {
    const { is_online: online, needs_update: needs } = await jumpApi.retryUpgrade(item.id);
    toast(!needs ? text.jump.retryNone : online ? text.jump.retryNow : text.jump.retryLater);
  };
  const entries: MenuEntry[] = [
    ...(item.needs_update && state.may('deploy_jump_clients')
      ? [{ label: text.jump.retryUpgrade, icon: 'refresh' as const, testId: 'details-upgrade', onChoose: () => void act(retry) }] : []),
    ...(item.may.includes('remove') ? [
      { label: text.jump.uninstall, icon: 'trash' as const, danger: true, testId: 'details-uninstall', onChoose: () => void act(uninstall) },
      { label: text.jump.remove, icon: 'close' as const, danger: true, testId: 'details-remove', onChoose: () => void act(remove) },
    ] : []),
  ];
  return entries.length === 0 ? null
    : <Menu label={text.jump.actions} button={<Icon name="more" />} testId="details-more" entries={entries} />;
}

function fact(name: string, value: ComponentChildren): readonly [string, ComponentChildren] | null {
  return value === '' || value === null || value === undefined ? null : [name, value];
}

function Section({ title, children, actions }: { title: string; children: ComponentChildren; actions?: ComponentChildren }) {
  return (
    <section class="jump-details-section">
      <header><h3>{title}</h3>{actions}</header>
      {children}
    </section>
  );
}

function ItemFacts({ item, now, reload }: ItemProps) {
  const s = item.statistics;
  const ago = (time: number | null) => (time ? <time title={formatDateTime(time)}>{formatAgo(time, now)}</time> : text.jump.never);
  const used = (part: number | undefined, all: number | undefined) => (part === undefined || !all ? null
    : <Meter share={part / all} said={text.jump.usedOf(formatBytes(part), formatBytes(all))} />);
  const figures = [
    fact(text.jump.uptime, s.uptime_s === undefined ? null : duration(s.uptime_s)),
    fact(text.jump.idle, s.idle_s === undefined ? null : duration(s.idle_s)),
    fact(text.jump.cpu, s.cpu_percent === undefined ? null : <Meter share={s.cpu_percent / 100} said={formatPercent(s.cpu_percent / 100)} />),
    fact(text.jump.memory, used(s.memory_used_bytes, s.memory_bytes)),
    fact(text.jump.disk, used(s.disk_used_bytes, s.disk_bytes)),
    fact(text.jump.screen, s.screen_width_px && s.screen_height_px
      ? text.jump.screenSize(String(s.screen_width_px), String(s.screen_height_px)) : null),
  ].filter((one) => one !== null);
  return (
    <>
      <Section title={text.jump.item}>
        <Facts rows={[
          [text.jump.group, <bdi>{item.group}</bdi>],
          fact(text.jump.tag, item.tag && <bdi class="tag tag-neutral">{item.tag}</bdi>),
          [text.jump.comments, item.comments ? <span class="jump-comments"><bdi>{item.comments}</bdi></span> : <span class="muted">{text.jump.noComments}</span>],
          [text.jump.columns.lastAccess, ago(item.last_access_unix_ms)],
          [text.jump.expires, item.expires_unix_ms ? formatDate(item.expires_unix_ms) : text.jump.expiresNever],
        ]} />
      </Section>
      <Copies item={item} reload={reload} />
      {figures.length > 0 && <Section title={text.jump.statistics}><Facts rows={figures} /></Section>}
      <Section title={text.jump.about}>
        <Facts rows={[
          fact(text.jump.columns.hostname, item.hostname && <bdi>{item.hostname}</bdi>),
          fact(text.jump.field.fqdn, item.fqdn && <bdi>{item.fqdn}</bdi>),
          fact(text.jump.columns.user, item.user && <bdi>{item.user}</bdi>),
          fact(text.jump.columns.platform, item.platform && <bdi>{item.platform}</bdi>),
          fact(text.jump.field.domain, item.domain && <bdi>{item.domain}</bdi>),
          fact(text.jump.field.workgroup, item.workgroup && <bdi>{item.workgroup}</bdi>),
          fact(text.jump.field.private_ip, item.private_ip), fact(text.jump.field.public_ip, item.public_ip),
        ]} />
      </Section>
      <Section title={text.jump.client}>
        <Facts rows={[
          fact(text.jump.version, item.version && <><bdi>{item.version}</bdi>{!item.needs_update && item.state === 'online' && <> · {text.jump.upToDate}</>}</>),
          [text.jump.mode, text.jump.modes[item.mode]],
          item.mode === 'passive' && fact(text.jump.port, String(item.port)),
          [text.jump.quiet, item.start_quietly ? text.common.actions.yes : text.common.actions.no],
          [text.jump.columns.lastSeen, ago(item.last_seen_unix_ms)],
          fact(text.jump.reported, item.reported_unix_ms && ago(item.reported_unix_ms)),
          fact(text.jump.created, item.created_unix_ms && formatDate(item.created_unix_ms)),
          [text.jump.columns.id, String(item.id)],
        ]} />
        {item.may.includes('view_jump_item_report') && (
          <p class="jump-details-link"><a href={hrefOf('/reports/jump-items', { jump_item: item.id })}>{text.jump.report}</a></p>
        )}
      </Section>
    </>
  );
}

function duration(seconds: number): string {
  if (seconds >= DAY_S) {
    return text.jump.days(formatNumber(Math.floor(seconds / DAY_S)), formatNumber(Math.floor((seconds % DAY_S) / 3600)));
  }
  return formatRemaining(seconds * 1000);
}

function Meter({ share, said }: { share: number; said: string }) {
  const part = Math.max(0, Math.min(1, share));
  return (
    <span class="jump-meter-line">
      <span class={`jump-meter ${part >= 0.9 ? 'full' : ''}`} aria-hidden="true"><span style={{ width: `${part * 100}%` }} /></span>
      <span>{said}</span>
    </span>
  );
}

function Copies({ item, reload }: { item: JumpItemWhole; reload: () => Promise<void> }) {
  const copies = useResource(async () => (await jumpApi.copies(item.id)).copies, ['policies_changed', 'jump_items_changed'], [item.id]);
  const [adding, setAdding] = useState(false);
  const may = item.may.includes('assign_jump_group');
  const act = (run: () => Promise<unknown>) => run().then(async () => {
    await copies.reload();
    await reload();
  }).catch((error: unknown) => toast(sentence(error), 'error'));
  const takeOut = async (copy: JumpCopy) => {
    if (await confirm({ title: text.jump.removeCopyTitle(item.name, copy.group), text: text.jump.removeCopyText,
      action: text.jump.takeOut, danger: true })) {
      await act(() => jumpApi.removeCopy(copy.id));
    }
  };
  const list = copies.value ?? [];
  return (
    <Section title={text.jump.copies} actions={may && (
      <button type="button" class="quiet" data-testid="details-copy" onClick={() => setAdding(true)}>{text.jump.addCopy}</button>
    )}>
      {list.length === 0 ? <p class="muted">{text.jump.noCopies}</p> : (
        <ul class="jump-copies" data-testid="details-copies">
          {list.map((copy) => (
            <li key={copy.id}>
              <bdi>{copy.group}</bdi>
              {may && (
                <button type="button" class="quiet icon-button" aria-label={text.jump.removeCopy(copy.group)}
                  data-testid={`remove-copy-${copy.id}`} onClick={() => void takeOut(copy)}><Icon name="close" /></button>
              )}
            </li>
          ))}
        </ul>
      )}
      {adding && (
        <ToGroup ids={[item.id]} isCopy except={[item.group_id, ...list.map((copy) => copy.group_id)]} onClose={() => setAdding(false)}
          onMoved={() => undefined} onCopy={(group) => {
            setAdding(false);
            void act(() => jumpApi.copyTo(item.id, group));
          }} />
      )}
    </Section>
  );
}

function EditItem({ item, setEditing, reload }: ItemProps) {
  const may = (flag: string) => item.may.includes(flag);
  const targets = useTargets();
  const groups = targets.groups.some((group) => group.id === item.group_id) ? targets.groups
    : [{ id: item.group_id, name: item.group, owner: null, may: [] }, ...targets.groups];
  const form = useForm({
    name: item.name, group: item.group_id, tag: item.tag, comments: item.comments, expires: dayOf(item.expires_unix_ms),
    mode: item.mode, port: (item.port || null) as number | null,
  }, {
    check: (values) => ({
      ...(values.name.trim() === '' && { name: text.jump.nameMissing }),
      ...(values.mode === 'passive' && values.port !== null && (values.port < 1024 || values.port > 65_535) && { port: text.jump.portWrong }),
    }),
    save: async (values, changed) => {
      const edit: JumpEdit = {
        ...(changed.name !== undefined && { name: values.name.trim() }),
        ...(changed.group !== undefined && { group: groups.find((group) => group.id === values.group)?.name ?? '' }),
        ...(changed.tag !== undefined && { tag: values.tag.trim() }),
        ...(changed.comments !== undefined && { comments: values.comments }),
        ...(changed.expires !== undefined && { expires_unix_ms: endOfDay(values.expires) }),
        ...(changed.mode !== undefined && { mode: values.mode }),
        ...(changed.port !== undefined && values.mode === 'passive' && values.port !== null && { port: values.port }),
      };
      await jumpApi.edit(item.id, edit);
    },
    saved: () => {
      toast(text.jump.saved);
      countsChanged();
      setEditing(false);
      void reload();
    },
  });
  return (
    <div class="jump-details-edit" data-testid="details-form">
      <Form form={form} label={text.jump.edit}>
        {may('edit_identity') && <Field label={text.jump.name} maxLength={128} autofocus {...form.text('name')} />}
        {may('assign_jump_group') && (
          <Select label={text.jump.group} options={groups.map((group) => ({ value: group.id, label: group.name }))} {...form.select('group')} />
        )}
        {may('edit_tag') && <Field label={text.jump.tag} maxLength={128} {...form.text('tag')} />}
        {may('edit_comments') && <TextArea label={text.jump.comments} rows={4} maxLength={4000} spellcheck {...form.text('comments')} />}
        {may('edit_behavior') && (
          <>
            <Field label={text.jump.expiresOn} type="date" hint={text.jump.expiresHint} {...form.text('expires')} />
            <Select label={text.jump.mode} options={(['active', 'passive'] as const).map((mode) => ({ value: mode, label: text.jump.modes[mode] }))}
              {...form.select('mode')} />
            {form.values.mode === 'passive' && (
              <NumberField label={text.jump.port} hint={text.jump.portHint} min={1024} max={65_535} {...form.number('port')} />
            )}
          </>
        )}
        <FormBar form={form} onCancel={() => setEditing(false)} />
      </Form>
    </div>
  );
}
