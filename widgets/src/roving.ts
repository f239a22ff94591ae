// One stop of the Tab key for a row of buttons; the arrows go from one to the next.

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Watches a group; call what it returns whenever its buttons have been made anew or disabled. */
export function roving(group: HTMLElement): () => void {
  const able = () => [...group.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")].filter((button) => !button.hidden);
  const stopAt = (at: HTMLButtonElement | undefined) => {
    for (const button of able()) button.tabIndex = button === at ? 0 : -1;
  };
  group.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLButtonElement) stopAt(target);
  });
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = able();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const last = buttons.length - 1;
    if (at < 0) return;
    const to = event.key === "Home" ? 0 : event.key === "End" ? last : event.key in STEPS ? at + STEPS[event.key] : -2;
    if (to === -2) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.max(0, Math.min(last, to))].focus();
  });
  return () => {
    const buttons = able();
    stopAt(buttons.find((button) => button === document.activeElement) ?? buttons.find(({ tabIndex }) => tabIndex === 0) ?? buttons[0]);
  };
}
