/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations of the team: which there are and how much of each is unread. The messages are their page's. */
import { type Room, type RoomKey, teamChatApi } from './api/team_chat';
import type { EventNotice } from './events';
import { onEvents } from './live_events';
import { Observable } from './observable';
import { router } from './route';
import { notice, play } from './sounds';
import { text } from './text';

const GATHER_MS = 120;

export function keyOf(room: { readonly team: number | null; readonly account: number | null }): RoomKey {
  return room.team !== null ? { team: room.team } : { account: room.account ?? 0 };
}

/* 'team-3' or 'person-7': in addresses and as a key. */
export function idOf(key: RoomKey): string {
  return key.team !== undefined ? `team-${key.team}` : `person-${key.account}`;
}

export function keyOfId(id: string | undefined): RoomKey | null {
  const found = /^(team|person)-(\d{1,10})$/.exec(id ?? '');
  return !found ? null : found[1] === 'team' ? { team: Number(found[2]) } : { account: Number(found[2]) };
}

/* Whose conversation an event of team chat is about. */
export function keyOfEvent(event: EventNotice): RoomKey | null {
  return event.team !== undefined ? { team: event.team } : event.account !== undefined ? { account: event.account } : null;
}

class TeamChat extends Observable {
  rooms: readonly Room[] | null = null;
  #account = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  get unread(): number {
    return (this.rooms ?? []).reduce((sum, room) => sum + room.unread, 0);
  }

  open(account: number): void {
    this.#account = account;
    void this.load();
  }

  close(): void {
    this.#account = 0;
    this.rooms = null;
    this.changed();
  }

  async load(): Promise<void> {
    if (this.#account === 0) {
      return;
    }
    try {
      const { rooms } = await teamChatApi.rooms();
      this.rooms = rooms;
      this.changed();
    } catch {
      /* The next event, or the live connection's return, asks again. */
    }
  }

  onEvent(event: EventNotice): void {
    const key = keyOfEvent(event);
    if (event.type === 'team_chat' && event.from !== this.#account && key && !this.#isSeen(key)) {
      play('chat');
      notice(event.name ?? text.team.title, event.text ?? '', `chat-${idOf(key)}`);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.load();
    }, GATHER_MS);
  }

  #isSeen(key: RoomKey): boolean {
    return !document.hidden && router.route.path === `/team/${idOf(key)}`;
  }
}

export const teamChat = new TeamChat();

onEvents(['team_chat', 'team_chat_read', 'teams_changed', 'reconnected'], (event) => teamChat.onEvent(event));
