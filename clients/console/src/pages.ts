/* SPDX-License-Identifier: Apache-2.0 */
/* Every page of the console: one entry each. How to add one: README.md, "How to add a page".
 *
 * Pages whose `load` imports are fetched when they are opened. `may` decides what is offered; control decides what
 * is done. The order here is the order in which they are shown.
 */
import type { ComponentType } from 'preact';
import type { Me } from './api/account';
import type { ConsoleState } from './console_state';
import { kindTitle, reportKinds } from './pages/reports/kinds';
import { argumentsOf, type Route } from './route';
import { text } from './text';
import QueuesPage from './pages/queues/queues';
import type { IconName } from './view/icon';

export interface PageProps {
  readonly state: ConsoleState;
  /* What is behind the page's path: ['3'] for '#/admin/users/3'. */
  readonly args: readonly string[];
  readonly route: Route;
}

export type PageView = ComponentType<PageProps>;

/* work: an entry of its own in the rail. jump: beside the others of the Jump interface. reports, admin: in the list beside the page. me: in the account menu. */
export type PageGroup = 'work' | 'jump' | 'reports' | 'admin' | 'me';

/* Headings in the list of administration. */
export type PageSection = 'people' | 'access' | 'desk' | 'appliance';

export interface PageEntry {
  readonly path: string;
  readonly title: () => string;
  readonly group: PageGroup;
  readonly section?: PageSection; /* admin */
  readonly icon?: IconName; /* work, me */
  readonly keys?: string; /* a shortcut that leads there: 'g q' */
  readonly may: (me: Me) => boolean;
  readonly view?: PageView; /* part of the first load */
  readonly load?: () => Promise<{ default: PageView }>;
}

export const anybody = (): boolean => true;

/* One of these rights is enough. */
export function withRight(...rights: string[]): (me: Me) => boolean {
  return (me) => rights.some((right) => me.rights.includes(right));
}

/* Lead or manager of some team, or an administrator. */
export function isLead(me: Me): boolean {
  return me.account.is_admin || me.teams.some((team) => team.role !== 'member');
}

/* Of a team of one's own: an administrator who leads none has no dashboard. */
export function leadsTeam(me: Me): boolean {
  return me.teams.some((team) => team.role !== 'member');
}

export const pages: readonly PageEntry[] = [
  { path: '/queues', title: () => text.shell.queues, group: 'work', icon: 'queues', keys: 'g q', may: anybody, view: QueuesPage },
  { path: '/jump', title: () => text.jump.title, group: 'work', icon: 'jump', keys: 'g j', may: anybody, load: () => import('./pages/jump/list') },
  { path: '/jump/approvals', title: () => text.jump.approvalsTab, group: 'jump', keys: 'g a', may: withRight('approve_jumps'), load: () => import('./pages/jump/approvals') },
  { path: '/admin/users', title: () => text.people.users.title, group: 'admin', section: 'people', may: withRight('edit_accounts'), load: () => import('./pages/admin/users') },
  { path: '/admin/teams', title: () => text.people.teams.title, group: 'admin', section: 'people', may: withRight('edit_teams'), load: () => import('./pages/admin/teams') },
  { path: '/admin/skills', title: () => text.people.skills.title, group: 'admin', section: 'people', may: withRight('edit_skills'), load: () => import('./pages/admin/skills') },
  { path: '/admin/licences', title: () => text.people.licences.title, group: 'admin', section: 'people', may: withRight('edit_settings'), load: () => import('./pages/admin/licences') },
  { path: '/admin/portals', title: () => text.portals.title, group: 'admin', section: 'desk', may: withRight('edit_portals'), load: () => import('./pages/admin/portals') },
  { path: '/admin/messages', title: () => text.portals.messages.title, group: 'admin', section: 'desk', may: withRight('edit_portals'), load: () => import('./pages/admin/messages') },
  { path: '/admin/buttons', title: () => text.desk.buttons.title, group: 'admin', section: 'desk', may: withRight('edit_support_buttons', 'own_support_buttons'), load: () => import('./pages/admin/support_buttons') },
  { path: '/admin/canned', title: () => text.desk.canned.messages, group: 'admin', section: 'desk', may: withRight('edit_canned_messages'), load: () => import('./pages/admin/canned_messages') },
  { path: '/admin/scripts', title: () => text.desk.canned.scripts, group: 'admin', section: 'desk', may: withRight('edit_canned_messages'), load: () => import('./pages/admin/canned_scripts') },
  { path: '/admin/surveys', title: () => text.desk.surveys.title, group: 'admin', section: 'desk', may: withRight('edit_surveys'), load: () => import('./pages/admin/surveys') },
  { path: '/admin/attributes', title: () => text.desk.attributes.title, group: 'admin', section: 'desk', may: withRight('edit_surveys'), load: () => import('./pages/admin/attributes') },
  { path: '/admin/links', title: () => text.desk.links.title, group: 'admin', section: 'desk', may: withRight('edit_settings'), load: () => import('./pages/admin/custom_links') },
  { path: '/admin/status-codes', title: () => text.desk.statuses.title, group: 'admin', section: 'desk', may: withRight('edit_settings'), load: () => import('./pages/admin/status_codes') },
  { path: '/admin/status', title: () => text.service.status.title, group: 'admin', section: 'appliance', may: withRight('edit_settings'), load: () => import('./pages/admin/status') },
  { path: '/admin/recording', title: () => text.service.recording.title, group: 'admin', section: 'appliance', may: withRight('edit_settings'), load: () => import('./pages/admin/recording_mode') },
  { path: '/admin/audit', title: () => text.service.audit.title, group: 'admin', section: 'appliance', may: withRight('view_audit'), load: () => import('./pages/admin/audit') },
  { path: '/admin/backups', title: () => text.service.backup.title, group: 'admin', section: 'appliance', may: withRight('back_up'), load: () => import('./pages/admin/backups') },
  { path: '/admin/api', title: () => text.service.api.title, group: 'admin', section: 'appliance', may: withRight('edit_api'), load: () => import('./pages/admin/api_accounts') },
  { path: '/admin/events', title: () => text.service.events.title, group: 'admin', section: 'appliance', may: withRight('edit_api'), load: () => import('./pages/admin/event_receivers') },
  ...reportKinds.map((kind): PageEntry => ({
    path: `/reports/${kind.path}`, title: () => kindTitle(kind.id), group: 'reports',
    may: kind.id === 'configuration_changes' ? withRight('view_audit') : anybody, load: () => import('./pages/reports/report'),
  })),
  { path: '/jump/deploy', title: () => text.jump.deployTab, group: 'jump', may: withRight('deploy_jump_clients'), load: () => import('./pages/jump/deploy') },
  { path: '/jump/upgrade', title: () => text.jump.upgradeTab, group: 'jump', may: withRight('deploy_jump_clients'), load: () => import('./pages/jump/upgrade') },
  { path: '/team', title: () => text.team.title, group: 'work', icon: 'team', keys: 'g t', may: anybody, load: () => import('./pages/team/team') },
  { path: '/dashboard', title: () => text.dashboard.title, group: 'work', icon: 'dashboard', keys: 'g d', may: leadsTeam, load: () => import('./pages/dashboard/dashboard') },
  { path: '/admin/group-policies', title: () => text.policies.group.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/group_policies') },
  { path: '/admin/session-policies', title: () => text.policies.session.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/session_policies') },
  { path: '/admin/explain', title: () => text.policies.explain.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/explain') },
  { path: '/admin/assignments', title: () => text.policies.assigned.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/assignments') },
  { path: '/admin/invite-profiles', title: () => text.policies.invites.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/invite_profiles') },
  { path: '/admin/jump-groups', title: () => text.jumpRules.groups.title, group: 'admin', section: 'access', may: withRight('edit_jump_groups'), load: () => import('./pages/admin/jump_groups') },
  { path: '/admin/jump-roles', title: () => text.jumpRules.roles.title, group: 'admin', section: 'access', may: withRight('edit_jump_groups'), load: () => import('./pages/admin/jump_roles') },
  { path: '/admin/jump-policies', title: () => text.jumpRules.policies.title, group: 'admin', section: 'access', may: withRight('edit_policies'), load: () => import('./pages/admin/jump_policies') },
  { path: '/admin/security', title: () => text.options.security.title, group: 'admin', section: 'appliance', may: withRight('edit_settings'), load: () => import('./pages/admin/security') },
  { path: '/admin/console-settings', title: () => text.options.console.title, group: 'admin', section: 'appliance', may: withRight('edit_settings'), load: () => import('./pages/admin/console_settings') },
  { path: '/admin/agreement', title: () => text.options.agreement.title, group: 'admin', section: 'appliance', may: withRight('edit_settings'), load: () => import('./pages/admin/agreement') },
  { path: '/reports/recordings', title: () => text.recording.title, group: 'reports', may: withRight('view_recordings'), load: () => import('./pages/reports/recordings') },
  { path: '/me/settings', title: () => text.settings.title, group: 'me', icon: 'settings', may: anybody, load: () => import('./pages/me/settings') },
  { path: '/me/security', title: () => text.security.title, group: 'me', icon: 'shield', may: anybody, load: () => import('./pages/me/security') },
  { path: '/me/shortcuts', title: () => text.shortcuts.title, group: 'me', icon: 'keyboard', may: anybody, load: () => import('./pages/me/shortcuts') },
];

export const START_PATH = '/queues';

/* The page of a path, with what is behind it; the longest path wins. */
export function findPage(path: string): { entry: PageEntry; args: string[] } | null {
  let found: { entry: PageEntry; args: string[] } | null = null;
  for (const entry of pages) {
    const args = argumentsOf(entry.path, path);
    if (args && (!found || entry.path.length > found.entry.path.length)) {
      found = { entry, args };
    }
  }
  return found;
}

export function pagesOf(group: PageGroup, me: Me): readonly PageEntry[] {
  return pages.filter((entry) => entry.group === group && entry.may(me));
}
