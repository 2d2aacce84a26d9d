/** A person, and what one may do about them. */
export function PersonScreen({ userId: _userId }: { userId: string }) {
  return <p>PersonScreen</p>;
}
