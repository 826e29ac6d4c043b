/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that representatives run on remote computers. */
import type { PageProps } from '../../pages';
import { CannedPage } from './canned';

export default function CannedScriptsPage(props: PageProps) {
  return <CannedPage {...props} kind="script" />;
}
