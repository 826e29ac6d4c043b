/* SPDX-License-Identifier: Apache-2.0 */
/* How one signs in, and where one is signed in. */
import { useState } from 'preact/hooks';
import type { PageProps } from '../../pages';
import { text } from '../../text';
import { Card, Page } from '../../view/page';
import { PasswordForm } from '../../view/sign_in';
import { toast } from '../../view/toast';

export default function SecurityPage({ state }: PageProps) {
  const [turn, setTurn] = useState(0);
  return (
    <Page title={text.security.title} lead={text.security.lead} width="text" testId="security-page">
      <Card title={text.security.password} testId="security-password">
        <PasswordForm key={turn} state={state} onDone={() => {
          setTurn(turn + 1);
          toast(text.password.changed);
        }} />
      </Card>
    </Page>
  );
}
