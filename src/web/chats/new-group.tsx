/** Makes a group. */
export function NewGroup() {
  return <p>NewGroup</p>;
}
