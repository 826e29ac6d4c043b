/* SPDX-License-Identifier: Apache-2.0 */
/* Installers: the list, and what is done with one. installer.tsx makes new ones. */
import { useState } from 'preact/hooks';
import { deployApi, type Installer, type InstallerState } from '../../api/deploy';
import { sentence } from '../../api/request';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { compareText, formatDateTime, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Check, NumberField, Select } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Badge, Empty, Loaded, Page, type Tone } from '../../view/page';
import { Dialog, ErrorLine } from '../../view/parts';
import { loadAll, useResource } from '../../view/resource';
import { Table } from '../../view/table';
import { toast } from '../../view/toast';
import { InstallerWizard, lifeChoices, WEEK_S } from './installer';
import { JumpNav } from './nav';

const tones: Readonly<Record<InstallerState, Tone>> = { valid: 'ok', used_up: 'neutral', expired: 'neutral', revoked: 'danger' };

const labelOf = (one: Installer) => one.label || text.deploy.unnamed(one.id);

export default function DeployPage({ state }: PageProps) {
  const [wizard, setWizard] = useState(false);
  const [extending, setExtending] = useState<Installer | null>(null);
  const [old, setOld] = useState(false);
  const all = useResource(() => loadAll(async (after) => {
    const { installers: rows, next } = await deployApi.installers(after);
    return { rows, next };
  }), ['jump_items_changed']);
  const revoke = async (one: Installer) => {
    if (await confirm({ title: text.deploy.revokeTitle(labelOf(one)), text: text.deploy.revokeText, action: text.deploy.revoke, danger: true })) {
      try {
        await deployApi.revoke(one.id);
        toast(text.deploy.revoked);
        await all.reload();
      } catch (error) {
        toast(sentence(error), 'error');
      }
    }
  };
  return (
    <Page title={text.deploy.title} lead={text.deploy.lead} width="full" testId="deploy-page" actions={(
      <>
        <JumpNav state={state} current="/jump/deploy" />
        <button type="button" class="primary" data-testid="installer-new" onClick={() => setWizard(true)}>
          <Icon name="plus" />{text.deploy.create}
        </button>
      </>
    )}>
      <Loaded resource={all}>
        {(value) => (
          <Table<Installer> name="installers" label={text.deploy.title} testId="installers"
            rows={old ? value : value.filter((one) => one.state === 'valid')} rowKey={(one) => one.id} rowName={labelOf}
            rowProps={(one) => ({ 'data-testid': `installer-${one.id}`, 'data-state': one.state })}
            bar={<Check label={text.deploy.showOld} checked={old} onChange={setOld} testId="installers-old" />}
            empty={(
              <Empty title={text.deploy.none} action={(
                <button type="button" onClick={() => setWizard(true)}>{text.deploy.create}</button>
              )}>{text.deploy.noneText}</Empty>
            )}
            actionsWidth={60} actions={(one) => one.state !== 'revoked' && (
              <Menu label={text.jump.actions} button={<Icon name="more" />} testId={`installer-more-${one.id}`} entries={[
                { label: text.deploy.extend, icon: 'clock', testId: 'installer-extend', onChoose: () => setExtending(one) },
                { label: text.deploy.revoke, icon: 'trash', danger: true, testId: 'installer-revoke', onChoose: () => void revoke(one) },
              ]} />
            )}
            columns={[
              { id: 'label', title: text.deploy.columns.label, width: 180, fixed: true, sort: (a, b) => compareText(labelOf(a), labelOf(b)),
                value: (one) => <bdi class="item-name" title={labelOf(one)}>{labelOf(one)}</bdi> },
              { id: 'state', title: text.deploy.columns.state, width: 110, grow: 0, sort: (a, b) => compareText(a.state, b.state),
                value: (one) => <Badge tone={tones[one.state]}>{text.deploy.state[one.state]}</Badge> },
              { id: 'uses', title: text.deploy.columns.uses, width: 110, grow: 0, align: 'end', sort: (a, b) => a.uses - b.uses,
                value: (one) => (one.uses_max === 0 ? formatNumber(one.uses) : text.deploy.usesOf(formatNumber(one.uses), formatNumber(one.uses_max))) },
              { id: 'expires', title: text.deploy.columns.expires, width: 170, grow: 0, sort: (a, b) => a.expires_unix_ms - b.expires_unix_ms,
                value: (one) => formatDateTime(one.expires_unix_ms) },
              { id: 'group', title: text.deploy.columns.group, width: 120, sort: (a, b) => compareText(a.group, b.group), value: (one) => <bdi>{one.group}</bdi> },
              { id: 'pattern', title: text.deploy.columns.pattern, width: 140, value: (one) => <bdi>{one.name_pattern}</bdi> },
              { id: 'mode', title: text.deploy.columns.mode, width: 160, value: (one) => text.jump.modes[one.mode] },
              { id: 'by', title: text.deploy.columns.createdBy, width: 110, value: (one) => <bdi>{one.created_by}</bdi> },
              { id: 'created', title: text.deploy.columns.created, width: 170, hidden: true, sort: (a, b) => a.created_unix_ms - b.created_unix_ms,
                value: (one) => formatDateTime(one.created_unix_ms) },
              { id: 'tag', title: text.deploy.columns.tag, width: 100, hidden: true, value: (one) => <bdi>{one.tag}</bdi> },
            ]} />
        )}
      </Loaded>
      {wizard && <InstallerWizard state={state} onClose={() => setWizard(false)} onMade={() => void all.reload()} />}
      {extending && <Extend installer={extending} onClose={() => setExtending(null)} onDone={() => void all.reload()} />}
    </Page>
  );
}

function Extend({ installer, onClose, onDone }: { installer: Installer; onClose: () => void; onDone: () => void }) {
  const [life, setLife] = useState(WEEK_S);
  const [uses, setUses] = useState<number | null>(installer.uses_max || null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await deployApi.extend(installer.id, life, uses === (installer.uses_max || null) ? undefined : uses ?? 0);
      toast(text.deploy.extended);
      onDone();
      onClose();
    } catch (caught) {
      setError(sentence(caught));
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.deploy.extendTitle(labelOf(installer))} onClose={onClose}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <ErrorLine testId="extend-error">{error}</ErrorLine>
        <Select label={text.deploy.life} value={life} options={lifeChoices()} onChange={setLife} testId="extend-life" />
        <NumberField label={text.deploy.uses} hint={text.deploy.usesHint} value={uses} onInput={setUses} min={1} max={75_000} testId="extend-uses" />
        <div class="actions end">
          <button type="button" onClick={onClose}>{text.common.actions.cancel}</button>
          <button type="submit" class="primary" disabled={busy} aria-busy={busy} data-testid="extend-save">{text.common.actions.save}</button>
        </div>
      </form>
    </Dialog>
  );
}
