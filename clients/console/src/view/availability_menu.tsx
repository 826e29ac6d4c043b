/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one can be given sessions: available, busy, away or a custom status, and opting out. */
import { useEffect } from 'preact/hooks';
import { availabilityApi } from '../api/availability';
import { sentence } from '../api/request';
import type { ConsoleState } from '../console_state';
import { IdleWatch } from '../idle';
import { settings } from '../settings';
import { text } from '../text';
import { Icon } from './icon';
import { Menu, type MenuEntry } from './menu';
import { useResource } from './resource';
import { toast } from './toast';

export function AvailabilityMenu({ state }: { state: ConsoleState }) {
  const own = useResource(() => availabilityApi.show(), ['availability_changed', 'sessions_changed']);
  const codes = useResource(async () => (await availabilityApi.codes()).status_codes);
  useEffect(() => {
    const tell = (idleS: number) => void availabilityApi.report(idleS, state.locked).catch(() => undefined);
    const watch = new IdleWatch(tell, (idleS) => {
      const minutes = Number(settings.value('lock_after_minutes')); /* 'never', or '' while they are not known */
      if (minutes > 0 && idleS >= minutes * 60) {
        state.lock();
      }
    });
    tell(watch.seconds);
    return () => watch.stop();
  }, [state.locked]);

  const change = async (wanted: { status?: string; opted_out?: boolean }) => {
    try {
      own.put(await availabilityApi.set(wanted));
    } catch (error) {
      toast(sentence(error), 'error');
    }
  };
  const shown = own.value;
  const status = shown?.status ?? 'available';
  const label = shown?.status_code ?? text.availability.status[status];
  const entries: MenuEntry[] = [
    ...(['available', 'busy', 'away'] as const).map((one) => ({
      kind: 'radio' as const, label: text.availability.status[one], dot: `dot-${one}`, testId: `availability-${one}`,
      checked: shown?.status === one && shown.status_code === null, onChoose: () => void change({ status: one }),
    })),
    ...(codes.value ?? []).map((code) => ({
      kind: 'radio' as const, label: code.name, dot: `dot-${code.shown_as}`, checked: shown?.status_code === code.name,
      onChoose: () => void change({ status: code.name }),
    })),
  ];
  if (state.may('refuse_assignment')) {
    entries.push({ kind: 'line' }, {
      kind: 'check', label: text.availability.optOut, checked: shown?.opted_out ?? false, testId: 'availability-opt-out',
      onChoose: () => void change({ opted_out: !shown?.opted_out }),
    });
  }
  return (
    <Menu label={text.availability.label(label)} className="availability" entries={entries} testId="availability"
      onOpen={() => void codes.reload()}
      button={(
        <>
          <span class={`status-dot dot-${status}`} aria-hidden="true" data-testid="availability-status" data-status={status} />
          <bdi class="availability-name">{label}</bdi>
          {shown?.opted_out && <span class="opted-out">{text.availability.optedOut}</span>}
          <Icon name="down" />
        </>
      )} />
  );
}
