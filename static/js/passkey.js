// A passkey instead of a code, inside a confirm dialog: ask the server for a challenge, the passkey for an answer, send.
const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), sign => sign.charCodeAt(0));
const text = buffer =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function answerOf(address) {
  const asked = await fetch(address, { headers: { Accept: "application/json" } });
  if (asked.redirected) location.reload(); // the session has ended: the page leads to the login and back
  const { request_options: { publicKey } } = await asked.json();
  const found = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials || []).map(one => ({ ...one, id: bytes(one.id) })),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

document.addEventListener("click", async event => {
  const button = event.target.closest?.("[data-passkey]");
  if (!button) return;
  const box = button.parentElement;
  const said = box.querySelector("[data-passkey-said]");
  const code = box.querySelector("input:not([type=hidden])");
  said.textContent = "";
  code.required = false;
  if (!button.form.reportValidity()) {
    code.required = true;
    return;
  }
  try {
    box.querySelector("input[type=hidden]").value = JSON.stringify(await answerOf(button.dataset.passkey));
    button.form.requestSubmit(button.form.querySelector(".btn.primary"));
  } catch {
    code.required = true;
    said.textContent = button.dataset.refused;
  }
});
