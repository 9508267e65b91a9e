// Passkeys: the browser's part of both ceremonies. The server makes the challenges and judges the answers.
const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const ids = (list) => (list ?? []).map((key) => ({ ...key, id: octets(key.id) }));

async function post(url, body) {
  const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function register(name) {
  const { publicKey } = await post("/account/passkeys/begin", {});
  publicKey.challenge = octets(publicKey.challenge);
  publicKey.user.id = octets(publicKey.user.id);
  publicKey.excludeCredentials = ids(publicKey.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey });
  const response = { attestationObject: text(made.response.attestationObject), clientDataJSON: text(made.response.clientDataJSON) };
  await post("/account/passkeys", { name, credential: { id: made.id, rawId: text(made.rawId), type: made.type, response } });
  location.assign("/account/security");
}

async function check(next) {
  const { publicKey } = await post("/login/passkey/begin", {});
  publicKey.challenge = octets(publicKey.challenge);
  publicKey.allowCredentials = ids(publicKey.allowCredentials);
  const given = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = given.response;
  const response = {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle?.byteLength ? text(userHandle) : null,
  };
  await post("/login/passkey", { credential: { id: given.id, rawId: text(given.rawId), type: given.type, response } });
  location.assign(next);
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  const button = place.querySelector("button");
  if (!window.PublicKeyCredential) {
    place.hidden = true;
    continue;
  }
  button.addEventListener("click", async () => {
    const told = place.querySelector("[role=alert]");
    told.textContent = "";
    button.disabled = true;
    try {
      if (place.dataset.passkey === "register") await register(place.querySelector("input").value);
      else await check(place.dataset.next);
    } catch {
      told.textContent = place.dataset.failed;
    }
    button.disabled = false;
  });
}
