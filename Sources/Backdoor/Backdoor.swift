// Backdoor
