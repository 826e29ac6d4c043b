/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps that wait for somebody's approval: how many this account may decide about, and word of one's own. */
import { jumpApi, type Approval } from './api/jump';
import { onEvents } from './live_events';
import { Observable } from './observable';
import { go } from './route';
import { text } from './text';
import { loadAll } from './view/resource';
import { toast } from './view/toast';

class Approvals extends Observable {
  waiting = 0;
  #user = '';
  #mayDecide: () => boolean = () => false;
  #own = new Set<number>(); /* one's own requests that waited when it was last asked */
  #stop: (() => void) | null = null;

  /* From now on for this account. */
  open(user: string, mayDecide: () => boolean): void {
    this.close();
    this.#user = user;
    this.#mayDecide = mayDecide;
    const stops = [
      onEvents(['jump_approval_wanted'], (event) => {
        if (event.user !== this.#user) {
          toast(text.jump.wanted(event.user ?? '', event.name ?? ''), 'info',
            { label: text.jump.look, run: () => go('/jump/approvals') });
        }
        void this.#load(true);
      }),
      onEvents(['jump_started', 'jump_ended'], (event) => {
        const said = event.type === 'jump_started' ? text.jump.startedBy : text.jump.endedBy;
        toast(said(event.representative ?? '', event.name ?? ''), 'info');
      }),
      onEvents(['jump_approvals_changed', 'policies_changed', 'reconnected'], () => void this.#load(true)),
    ];
    this.#stop = () => stops.forEach((stop) => stop());
    void this.#load(false);
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#own.clear();
    this.waiting = 0;
  }

  /* says: what was decided about one's own requests since the last time is told. */
  async #load(says: boolean): Promise<void> {
    const user = this.#user;
    try {
      const waiting = await approvalsOf('waits');
      const own = new Set(waiting.filter((one) => one.user === user).map((one) => one.id));
      const gone = [...this.#own].filter((id) => !own.has(id));
      if (user !== this.#user || !this.#stop) {
        return;
      }
      this.#own = own;
      this.waiting = this.#mayDecide() ? waiting.filter((one) => one.user !== user && isWaiting(one, Date.now())).length : 0;
      this.changed();
      if (says && gone.length > 0) {
        (await approvalsOf('')).filter((one) => gone.includes(one.id)).forEach(tell);
      }
    } catch {
      /* The next event, or a look at the page, brings it. */
    }
  }
}

/* One that nobody can decide about any more is still listed. */
export function isWaiting(approval: Approval, now: number): boolean {
  return approval.state === 'waits' && (approval.waits_until_unix_ms ?? 0) > now;
}

export function approvalsOf(state: string): Promise<Approval[]> {
  return loadAll(async (after) => {
    const { approvals: rows, next } = await jumpApi.approvals(state, after);
    return { rows, next };
  });
}

function tell(one: Approval): void {
  if (one.state === 'given') {
    toast(text.jump.approvedNow(one.name));
  } else if (one.state === 'refused') {
    toast(one.answer ? text.jump.deniedBecause(one.name, one.answer) : text.jump.deniedNow(one.name), 'error');
  }
}

export const approvals = new Approvals();
