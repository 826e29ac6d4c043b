/* SPDX-License-Identifier: Apache-2.0 */
/* The keyboard shortcuts as a page of their own. */
import { text } from '../../text';
import { Page } from '../../view/page';
import { ShortcutList } from '../../view/shortcut_list';

export default function ShortcutsPage() {
  return (
    <Page title={text.shortcuts.title} lead={text.shortcuts.lead} width="text" testId="shortcuts-page">
      <ShortcutList />
    </Page>
  );
}
