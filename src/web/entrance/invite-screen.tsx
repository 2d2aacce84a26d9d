/** Where an invite leads, and the way into that group. */
export function InviteScreen({ token: _token }: { token: string }) {
  return <p>InviteScreen</p>;
}
